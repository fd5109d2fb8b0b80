"""Every number the made-up history rests on, each with its source, or the admission that it is assumed.

Latent values are in standard deviations of the person: trait and state together have variance 1 in each block.
"""

from __future__ import annotations

# --- Climate -----------------------------------------------------------------------------------------------------
# ICC(1) of team climates is mostly found between 0.05 and 0.25 (Bliese 2000; LeBreton & Senter 2008). Beside a person's
# variance of 1 the two below make a latent ICC(1) near 0.17, of which scores of a few items keep about four fifths.
UNIT_VARIANCE = 0.15
DEPARTMENT_VARIANCE = 0.05
#: Leaders are one person a unit, so a block about them parts units more; factor on the standard deviation (assumed).
LEADER_BLOCK = "leadership"
LEADER_SPREAD = 1.3
#: Units with one good climate tend to have the others; correlation between blocks (assumed, as for persons below).
CLIMATE_SHARED = 0.45
#: AR(1) over three months: 0.9 a quarter is 0.66 a year (assumed, as is that departments change more slowly).
UNIT_MEMORY = 0.90
DEPARTMENT_MEMORY = 0.95

# --- What happened (all assumed: a story that trends and comparisons ought to find) -------------------------------
SHOCK_BLOCK = "safety"
SHOCK_DEPARTMENT = "manufacturing"
SHOCK_DROP = -1.3
#: Where the department settles, and how much of the way there is left after each further pulse.
SHOCK_REST = -0.5
SHOCK_LINGERS = 0.55
GROWTH_BLOCK = "conflict"
GROWTH_TEAM = "service-hotline"
GROWTH_FROM, GROWTH_TO = -1.0, 1.0

# --- Persons -----------------------------------------------------------------------------------------------------
#: Correlation of a person's traits across blocks. Self-reports of one person on one occasion go together, from common
#: method alone (Podsakoff, MacKenzie, Lee & Podsakoff 2003); how much is assumed.
TRAIT_SHARED = 0.5
#: Share of a person's variance that lasts from pulse to pulse; the rest is mood (assumed).
TRAIT_LASTING = 0.7

# --- Items: graded response model (Samejima 1969) -----------------------------------------------------------------
#: Log-normal discriminations, mostly between 1 and 3 in the logistic metric (assumed; usual for attitude items).
DISCRIMINATION_MEDIAN = 1.9
DISCRIMINATION_LOG_SD = 0.2
#: Boundaries between points share this stretch evenly; it leans low because people answer on the friendly side: means
#: come out near 3.6 of 5 (assumed).
BOUNDARY_LOW, BOUNDARY_HIGH = -2.9, 1.5
#: How far blocks, and items within a block, differ in how easily they are agreed with (assumed).
BLOCK_LEVEL_SD = 0.15
ITEM_LEVEL_SD = 0.25
#: Items passed over by somebody who takes part, at random (assumed; a few in a hundred is common).
ITEM_NONRESPONSE = 0.02

# --- Taking part -------------------------------------------------------------------------------------------------
#: Employee surveys are commonly said to reach 60 to 85 % (practitioners' range, no single source). A unit's level is
#: beta within these ends.
PARTICIPATION_LOW, PARTICIPATION_HIGH = 0.60, 0.85
#: Beta of the units' lasting levels, and how tightly a unit keeps to its own from pulse to pulse (assumed).
PARTICIPATION_SHAPE = 2.0
PARTICIPATION_STEADINESS = 8.0
#: Share of respondents who leave a band out (assumed).
BAND_NONRESPONSE = 0.10

# --- Coming and going --------------------------------------------------------------------------------------------
#: Voluntary and other leavers together, a year: 15 to 20 % is commonly reported (a middle is assumed).
ANNUAL_TURNOVER = 0.17
#: Nobody has been there longer (assumed).
OLDEST_YEARS = 24.0
#: Chance, each way, that a unit's headcount moves by one between pulses (assumed).
RESIZE = 0.15
DAYS_A_YEAR = 365.25
#: Whole years at which the bands of tenure part.
TENURE_YEARS = (1.0, 3.0, 10.0)
TENURES = ("0-1y", "1-3y", "3-10y", "10y+")
LOCATIONS = ("on-site", "remote", "field")

# --- Calendar ----------------------------------------------------------------------------------------------------
#: Days between opening and closing: two working weeks.
OPEN_DAYS = 13
