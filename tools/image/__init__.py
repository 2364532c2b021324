"""`make image`: the proxy's image, by buildah or docker, and the proof that it comes out the same twice."""
