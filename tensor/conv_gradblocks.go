package tensor

// How the weights of a gradient are cut, which does not change a bit: into two pieces for each of 16 workers, if there are weights
// enough. Blocks have at least so many channels i, and columns j. In float32 one worker takes as long with 32 as with 64, but 64 leave a
// sixth of 16 workers' time unused in a step of digits-s. In bf16 each block rounds what it reads, and a step with 32 takes 2 to 4 % longer.
const (
	gradPieces   = 32
	blockLeast   = 32
	roundedLeast = 64
)

// A gradBlock is the weights of a piece of a weight gradient, of all orbits: channels i of x by columns j of dz, which are whole
// panels. A piece is a block and a part of the pixels.
type gradBlock struct{ i, j, panels span }

// gradBlocks cuts the weights of a gradient in some parts, whose columns are packed as m says, into blocks of at least so many of
// both.
func gradBlocks(channels int, m *Panels, parts, leastI, leastJ int) (all []gradBlock) {
	want := (gradPieces + parts - 1) / parts
	bands := gradBands(channels, min(want, (channels+leastI-1)/leastI))
	columns := min((want+len(bands)-1)/len(bands), (m.cols+leastJ-1)/leastJ, m.count())
	for _, i := range bands {
		for k := range columns {
			p := evenSpan(m.count(), k, columns)
			all = append(all, gradBlock{i, span{p.from * m.wide, min(p.to*m.wide, m.cols)}, p})
		}
	}
	return all
}

// gradBands cuts channels into bands of whole lines.
func gradBands(channels, bands int) (all []span) {
	for i := range bands {
		s := evenSpan((channels+lineLen-1)/lineLen, i, bands)
		all = append(all, span{s.from * lineLen, min(s.to*lineLen, channels)})
	}
	return all
}

// lineLen is how many numbers a line of the cache has: the least that pieces share no line of x.
const lineLen = 16

// eachBlock is the work of all blocks in all parts.
func eachBlock(parts int, blocks []gradBlock, piece func(part, block int)) Task {
	return Task{N: parts * len(blocks), Do: func(i, _ int) { piece(i/len(blocks), i%len(blocks)) }}
}

// zero makes a block zero in dw, which has so many orbits and channels, and rows of so many numbers.
func (b *gradBlock) zero(dw []float32, orbits, channels, row int) {
	for o := range orbits {
		for i := b.i.from; i < b.i.to; i++ {
			clear(dw[(o*channels+i)*row:][b.j.from:b.j.to])
		}
	}
}
