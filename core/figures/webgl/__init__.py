"""What the elements drawn by WebGL share: payloads in bytes, places on a grid, and scripts."""
