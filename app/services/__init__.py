"""Services: how a job is done on a model, with its steps, hours, prices, parts and torque, and packages of several."""

from app.kernel.registry import Capability
from app.services.model import Package, PackageItem, Procedure, ProcedurePart, ProcedureStep

capability = Capability(name="services", entities=(Procedure, ProcedureStep, ProcedurePart, Package, PackageItem))
