package main

func (t *target) writeAdam() {
	t.function("adam", "func(p, m, v, g []float32, clip, beta1, gain1, beta2, gain2, decay, rate, root, eps float32)", func() {
		clip, beta1, gain1 := t.broadcast("clip"), t.broadcast("beta1"), t.broadcast("gain1")
		beta2, gain2, decay := t.broadcast("beta2"), t.broadcast("gain2"), t.broadcast("decay")
		rate, root, eps := t.broadcast("rate"), t.broadcast("root"), t.broadcast("eps")
		pp, mp, vp, gp := t.pointer("p"), t.pointer("m"), t.pointer("v"), t.pointer("g")
		t.loop(t.length("p"), 1, func(i integer, u int, k mask) {
			g := t.mul(clip, t.load(t.where(gp, i, u), k))
			m := t.mul(gain1, g)
			t.VFMADD231PS(t.load(t.where(mp, i, u), k), beta1, m)
			t.store(m, t.where(mp, i, u), k)
			v := t.mul(t.mul(gain2, g), g)
			t.VFMADD231PS(t.load(t.where(vp, i, u), k), beta2, v)
			t.store(v, t.where(vp, i, u), k)
			d := t.fma(root, t.sqrt(v), eps)
			p := t.mul(decay, t.load(t.where(pp, i, u), k))
			t.VFNMADD231PS(t.div(m, d), rate, p)
			t.store(p, t.where(pp, i, u), k)
		})
		t.End()
	})
}
