# Debian's and Red Hat's packages; tests/check --only=packages builds them from the tarball.
EXTRA_DIST += packaging/slurm-aif.spec debian/changelog debian/control debian/copyright debian/rules debian/source/format \
	debian/slurm-aif-controller.install debian/slurm-aif-lua.install debian/slurm-aif-node.install \
	debian/slurm-aif-tools.install
dist_doc_DATA += UPGRADING.md
