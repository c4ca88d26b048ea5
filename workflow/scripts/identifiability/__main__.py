"""``python -m identifiability``: the command line."""

from identifiability.command.cli import main

if __name__ == "__main__":
    main()
