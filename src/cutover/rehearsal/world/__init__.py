"""The made-up old world: people in every state, items of every type, an application that writes."""
