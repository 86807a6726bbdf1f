"""What LabBook knows about running a lab: no web framework, no database. Read this folder first."""
