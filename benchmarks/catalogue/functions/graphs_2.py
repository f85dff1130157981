"""Dependencies and links: build order, page rank, cycles."""

__all__ = ["build_order", "find_cycle", "rank_pages"]


class CyclicDependencyError(Exception):
    def __init__(self, names):
        super().__init__("cyclic dependency among " + ", ".join(names))
        self.names = names


class Task:
    def __init__(self, name, requires=(), priority=0):
        self.name = name
        self.requires = list(requires)
        self.priority = priority
        self.done = False

    def is_ready(self, tasks):
        for requirement in self.requires:
            for task in tasks:
                if task.name == requirement and not task.done:
                    return False
        return True


def build_order(definitions):
    """Names in the order to build them: what is ready and of the highest priority first, then by name.

    A requirement nobody defines is taken to be there already.
    """
    tasks = [Task(d["name"], d.get("requires", []), d.get("priority", 0)) for d in definitions]
    order = []
    while len(order) < len(tasks):
        ready = [task for task in tasks if not task.done and task.is_ready(tasks)]
        if not ready:
            raise CyclicDependencyError(sorted(task.name for task in tasks if not task.done))
        ready = sorted(ready, key=lambda task: (-task.priority, task.name))
        ready[0].done = True
        order.append(ready[0].name)
    return order


def rank_pages(links, rounds=20, damping=0.85):
    """Page rank by repeated passing-on of weight; a page without links passes its weight to all. Best first."""
    pages = sorted(set([page for link in links for page in link]))
    rank = {page: 1 / len(pages) for page in pages}
    for _ in range(rounds):
        fresh = {}
        for page in pages:
            total = 0.0
            for source in pages:
                targets = [target for origin, target in links if origin == source]
                if not targets:
                    total += rank[source] / len(pages)
                elif page in targets:
                    total += rank[source] * targets.count(page) / len(targets)
            fresh[page] = (1 - damping) / len(pages) + damping * total
        change = sum(abs(fresh[page] - rank[page]) for page in pages)
        rank = fresh
        if change < 1e-9:
            break
    return sorted(rank.items(), key=lambda item: (-item[1], item[0]))


def find_cycle(graph):
    """The nodes of one cycle in the order of its edges, None if there is none."""
    state = {}
    for root in graph:
        if root in state:
            continue
        path = [root]
        iterators = [iter(graph.get(root, ()))]
        state[root] = "open"
        while iterators:
            for node in iterators[-1]:
                seen = state.get(node)
                if seen == "open":
                    return path[path.index(node) :]
                if seen is None:
                    state[node] = "open"
                    path.append(node)
                    iterators.append(iter(graph.get(node, ())))
                    break
            else:
                state[path.pop()] = "closed"
                iterators.pop()
    return None
