"""How a request is read: the same rules for everyone who takes the notes."""

NOTES = """\
- topic: the subject in 2 to 8 words, as you would type it into a video search.
- channels: every channel, person, series, or show that the request names as a source, in the \
request's words. Subjects and products are not sources.
- facts_wanted: each thing that the request wants to know, as a short phrase that makes sense on \
its own ("target temperature of the meat", not "temperature"). One entry for each; split "times \
and temperatures" in two. Use the request's words and its order. Add nothing that it does not ask.
- constraints: limits that the request sets on the answer or on the sources, including its form \
("one table").
- output_file: the file name that the request asks for, if it does.
- open_questions: only what cannot be decided without the person."""
