"""Statistics of paired launches: pure functions of numbers. Nothing here runs, times or reads anything."""
