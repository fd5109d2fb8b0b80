"""Trends, changes and alerts of a series as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from service.analytics.points import TrendPoint
from service.analytics.series import Series
from service.analytics.trends.trend import METHOD, Trend
from service.exports.finding_tables import findings_table
from service.exports.table import Row, Table, Value
from service.exports.trend_columns import ALERTS, CHANGES, TRENDS
