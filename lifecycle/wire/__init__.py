"""JSON to events and back: the only place that knows bytes."""
