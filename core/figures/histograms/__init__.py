"""Small histograms of the columns, which filter when they are brushed or clicked."""
