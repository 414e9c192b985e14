"""`python -m rowwise` is the command `rowwise`, where its folder of scripts is not on the PATH."""

from rowwise.cli import main

if __name__ == "__main__":
    main(prog_name="rowwise")
