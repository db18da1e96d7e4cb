"""Which doors does a web page use: socket, event stream, long poll, one question?"""
