from pages.ui import messages, workspace

work = workspace.current()
messages.answer(
    f"{work.embeddings.name} holds {messages.count(len(work.embeddings.vectors), 'vector')}."
)
