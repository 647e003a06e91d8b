"""What rules cost: the series that they record, the samples that they read, and the processor time that this takes."""
