"""The reader's pages: each a function of released figures that answers HTML."""
