"""A Dask cluster that studies and exact truths run on; needs the extra `scale`.

    with connect("tcp://10.0.0.5:8786") as executor:
        build_grid(vectors, params, executor=executor)

Dask's workers unpickle what they are sent: use a network that nobody else reaches, or tls://.
"""

from core.cluster.executor import ClusterExecutor, connect, of_deployment

__all__ = ["ClusterExecutor", "connect", "of_deployment"]
