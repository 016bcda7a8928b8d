// The pages of images in the back office.
