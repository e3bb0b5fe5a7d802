"""From a question to a cited answer: retrieve, mark the evidence, prompt, stream, judge, cite."""
