"""The lecture in a hall: a route of stops, their kernels made ready, JupyterLab set large."""
