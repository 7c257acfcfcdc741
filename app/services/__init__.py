"""Services: how a job is done on a model, with its steps, hours, prices, parts and torque, and packages of several."""

from app.kernel.finding import Lead
from app.kernel.registry import Capability
from app.services.model import Package, PackageItem, Procedure, ProcedurePart, ProcedureStep
from app.services.queries import QUERIES
from app.services.rules import RULES

capability = Capability(
    name="services",
    entities=(Procedure, ProcedureStep, ProcedurePart, Package, PackageItem),
    queries=QUERIES,
    leads=(Lead(Procedure.code), Lead(Package.code)),
    rules=RULES,
)
