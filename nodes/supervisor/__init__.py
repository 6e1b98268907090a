"""The node of the supervisor pattern: who works next, decided each round."""
