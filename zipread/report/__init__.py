"""A results folder as one page to look at: totals, and every document with its crop."""
