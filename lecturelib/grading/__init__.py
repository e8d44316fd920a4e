"""A submitted notebook is read, its answers run in a process of their own, and marked here.

No security sandbox: a submission can read and write what its user can. What is held is the verdict:
answers come back as plain tensors, and are compared in a process where no submitted code has run.
"""
