"""What is a picture, where it lies, and in which sizes it is made."""
