"""What becomes of readings: JSON records, CSV tables, reports."""
