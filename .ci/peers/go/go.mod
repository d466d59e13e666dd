module countersign.dev/peer

go 1.24
