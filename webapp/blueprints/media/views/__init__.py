"""The pages of images and galleries, their files, and what they give to the pages of other rooms."""
