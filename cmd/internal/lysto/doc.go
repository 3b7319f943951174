// Package lysto makes a set of images of LYSTO's training.h5 (Jiao, van der Laak, Albarqouni and others, LYSTO: the Lymphocyte
// Assessment Hackathon, 2019): pieces of tissue of three organs under a microscope.
//
// The file has the arrays x, images of 299×299 pixels of red, green and blue; y, how many lymphocytes are in each, which is not
// used; and organ, texts as "colon_12". Each image is scaled to 128×128 pixels by Lanczos' kernel, to the bytes of Pillow, and a
// square is cut out at random: a function of the seed and of the image's number. The class is the organ, colon 0, prostate 1,
// breast 2 (datasets/gen_lysto.py of SpencerSzabados/Group-Diffusion). Images stay in the file and are read when they are wanted.
package lysto
