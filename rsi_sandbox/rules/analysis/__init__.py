"""What rules ask about source: positions, shapes, effects and names. Nothing here proposes a rewrite."""
