"""What to know about a set before its figures are trusted, and remedies.

finding     what is found: a kind, the ids, what they are like, a remedy
remedies    a set and a remedy -> a new, named set
scan        all that is found from the vectors and labels alone
rows        zero vectors, copies of rows, long vectors
closeness   rows close to one another: near copies, queries among the rows, items near the mean
dimensions  constant, sparse, heavy-tailed ones; directions, dead or dominant
precision   what float16 would lose
classes     classes of one, small ones, missing labels
clouds      two models in one file
lists       what needs neighbor lists: labels that look wrong
figures     dimension, hubness, isotropy, coding rate
hub_scan    items near to many different regions, before and after their removal
hub_removal recall of the other items with and without them
"""
