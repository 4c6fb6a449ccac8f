"""What a study is made of: queries and their truth, samples, trade-offs, cells."""
