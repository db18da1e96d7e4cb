"""`python -m miaohui` is `miaohui`."""

from miaohui.cli import main

if __name__ == "__main__":
    main()
