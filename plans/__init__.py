"""Plans as data: references, validation, expansion, estimates, files, differences, audit."""
