"""What is it worth on this machine? Measures the figures that the design promises, and checks what it measured on."""
