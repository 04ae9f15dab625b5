"""`python -m backproof` opens a session; with arguments it is the command `backproof`."""

import sys

if __name__ == "__main__":
    if sys.argv[1:]:
        from backproof.cli import main

        sys.exit(main())
    from backproof.repl import main as session

    session()
