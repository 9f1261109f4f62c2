"""What people do about what the machine was not sure of: key it, apply it, learn from it."""
