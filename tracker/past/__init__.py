"""The past of documents: captures from archives, from publishers' own former texts and from files, in one timeline.

Each source yields mementos (`wayback`, `published`); `keeping` takes them into the archive, where they stand among the
captures of our own checks, each at the moment that it shows.
"""
