"""The SQL of identity's write side, and of the sessions that each request asks for."""
