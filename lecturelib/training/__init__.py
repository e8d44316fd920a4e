"""One loop for every objective: runtime (devices), schedules, checkpoints, the loop."""
