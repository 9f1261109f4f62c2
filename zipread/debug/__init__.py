"""What ``zipread scan --debug DIR`` draws: for every page one picture of how it was read.

Reading knows nothing of it. An engine that is watched hands on all that a reading was decided from
(:class:`zipread.pipeline.Seen`); ``sheet`` draws it, and ``watching`` puts it into the folder.
"""
