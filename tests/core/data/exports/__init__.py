"""Files as other tools export them, made anew from their public descriptions."""
