"""Every picture by name: one function each, in a module of its own."""

from hitmodel.bridge_chart import Bar, plot_bridge
from hitmodel.difference_chart import Group, plot_differences
from hitmodel.pictures import Chart

__all__ = ["Bar", "Chart", "Group", "plot_bridge", "plot_differences"]
