"""What does the tenant's knowledge base say about this, and how sure is it?"""

from os import environ  # noqa: TID251  (not a setting of ours: numpy reads it when it is first imported)

# No other room imports numpy, and none can import it through this one before this line has run, whatever was started.
# One search is too small to share among threads: they would wait for one another longer than they work.
environ.setdefault("OPENBLAS_NUM_THREADS", "1")
