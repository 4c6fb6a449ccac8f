"""The parts of a table: cells that hold a vector, columns of such cells, roles of columns."""
