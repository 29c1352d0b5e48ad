"""The signalling server of GB/T 28181: what it answers (:mod:`.registrar`), its sockets (:mod:`.server`), its process (:mod:`.process`)."""
