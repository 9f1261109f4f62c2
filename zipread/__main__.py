"""``python -m zipread``: the same as the command ``zipread``."""

from zipread.cli import main

if __name__ == "__main__":
    main()
