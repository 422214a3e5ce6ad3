"""VERBS: what the system does, one public function a file, named as the file."""
