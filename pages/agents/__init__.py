"""What scripts and agents reach from outside: the calls of `core.service` over HTTP and MCP.

work      a call as a job of the server: within the same limits, waited for, stopped
http      `/api/v1/...` on the server of the app
openapi   its description
problems  why a call has no answer
tools     the same as tools of MCP, over standard input and output
command   `nearfield mcp`
"""
