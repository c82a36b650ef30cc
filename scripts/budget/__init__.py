"""What encoders for implants cost: compiled for small processors, run under an emulator, counted."""
