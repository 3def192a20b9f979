"""Knowledge pages made of documents: files, folders and addresses in, Markdown out."""
