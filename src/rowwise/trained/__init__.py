"""What training gives: predict, recommend, neighbours, evaluate, save and load."""
